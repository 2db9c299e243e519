"""What Azure Managed Redis offers. Pure: no pulumi, no I/O."""

# The SDK's SkuName without the Enterprise tiers, which take no new instances. Counters are small:
# the flash tiers, for data that does not fit into memory, are left out.
SKUS = tuple(
    f"{family}{size}"
    for family, sizes in {
        "Balanced_B": (0, 1, 3, 5, 10, 20, 50, 100, 150, 250, 350, 500, 700, 1000),
        "MemoryOptimized_M": (10, 20, 50, 100, 150, 250, 350, 500, 700, 1000, 1500, 2000),
        "ComputeOptimized_X": (3, 5, 10, 20, 50, 100, 150, 250, 350, 500, 700),
    }.items()
    for size in sizes
)
PORT = 10000
"""Azure's own port for Managed Redis; always TLS here."""
