"""Evidence: the audit trail, electronic signatures, and the sealed log over both and the ledger.

Every command leaves one entry, done, held or refused; nobody can change or remove it. # SEC-02
A signature is bound to the content that was signed by its hash. # QUA-04
"""
