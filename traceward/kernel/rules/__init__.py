"""Rules as data: parameters that users can read and change; the most specific one decides."""
