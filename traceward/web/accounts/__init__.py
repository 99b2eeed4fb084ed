"""The visitor's own account: password, second factors, sessions. # SEC-01"""
