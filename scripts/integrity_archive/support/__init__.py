"""Support: tools that know nothing of archives: cache, problems, files, digests, HTML fragments, fonts, ZIP, QR codes.

In: plain values. Out: plain values and files. Never here: an import of another folder of this package.
"""
