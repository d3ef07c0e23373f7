"""What happens when parts die, hang, fill up or answer twice. Everything here is real: processes, servers, files, pictures."""
