"""What a stack may be told, as types (`shape`, `stores`, `sealed`), and how it is read and checked (`reading`)."""
