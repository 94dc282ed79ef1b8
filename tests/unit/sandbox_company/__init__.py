"""The made-up agency: its export, its MOCO account, its facts."""
