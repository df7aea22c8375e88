"""What every service needs: settings, logs, broker clients, publishing, worker, heartbeat, quarantine."""
