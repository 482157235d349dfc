from hypothesis import settings

# A machine that is shared is slow now and then: no example fails for taking long.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
