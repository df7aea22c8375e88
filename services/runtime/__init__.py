"""What every service stands on: settings, logging, the broker, publishing, heartbeats, quarantine."""
