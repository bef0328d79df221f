"""Peers that mean harm: what each attack of the reference gets, as seen from outside."""
