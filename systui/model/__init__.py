"""The vocabulary of systui: frozen values that every room shares. Standard library only."""
