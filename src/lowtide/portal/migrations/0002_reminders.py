"""Where the reminders of each patient stand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ReminderRow",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("stream", models.TextField(unique=True)),
                ("on", models.BooleanField()),
                ("count", models.IntegerField()),
                ("last_at", models.DateTimeField(db_index=True, null=True)),
                ("last_about", models.TextField()),
                ("last_how", models.TextField()),
                ("last_to", models.TextField()),
                ("not_taken", models.TextField()),
            ],
        ),
    ]
