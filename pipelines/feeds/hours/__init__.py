"""Opening hours: the accepted grammar, their evaluation, rules of certain days, and what may be told when."""
