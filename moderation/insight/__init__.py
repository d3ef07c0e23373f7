"""Looking back: who did what (admins), and how the work goes in sum (everybody who reads)."""
