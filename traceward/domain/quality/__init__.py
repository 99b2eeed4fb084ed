"""Quality: inspections 验收 and the signed usage decision on what stands 待验.

An inspection is opened for each lot (or item without lots) that a receipt brought in. Results are
recorded check by check, never changed; then somebody decides, with a signature, how much is
qualified and how much rejected. That decision is the only way out of 待验. # INB-03 QUA-02
"""
