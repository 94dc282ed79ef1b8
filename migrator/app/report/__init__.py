"""`report`: what a controller signs, in every format, from one set of figures."""
