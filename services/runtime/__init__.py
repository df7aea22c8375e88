"""What every service stands on: settings, logging, the broker, heartbeats, embedded servers."""
