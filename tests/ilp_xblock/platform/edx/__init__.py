"""The parts of edx-platform that `ilp_xblock.compat` uses, with the signatures they have there, as a Django app."""
