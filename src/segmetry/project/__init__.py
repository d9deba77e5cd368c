"""What the app remembers: pictures, labels and every correction, in SQLite and files."""
