from django.db import migrations


class Migration(migrations.Migration):
    """Nothing but the occasion on which the guards of streams and of the access log are installed."""

    dependencies = [("record", "0001_initial")]
    operations = []
