"""Each document names the command that made its version."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_add_files")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="version_command_id",
            field=models.BigIntegerField(null=True),
        ),
    ]
