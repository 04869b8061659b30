"""What the catalogue and its stock may be and become: decisions only."""
