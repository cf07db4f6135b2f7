"""What `asterism doctor` looks at, and the text of all settings."""
