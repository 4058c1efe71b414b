"""What the release to come changes: one table more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Novelty", [("key", models.TextField(primary_key=True))]),
    ]
