from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0003_index_own_lot"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(fields=["expires_on"], name="stock_lot_ending"),
        ),
    ]
