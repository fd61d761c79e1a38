"""Pseudo-masks for films of which only is known what they show (CheXseg, arXiv 2102.10484).

A classifier learns what is there; where it looks is turned into masks, which the mode `mixed` uses
beside exact ones.
"""
