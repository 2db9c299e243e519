"""The availability test of PlatformAlerts as data. Pure: no pulumi, no I/O.

Microsoft, "Application Insights availability tests" (standard tests): five locations at least, the
alert at locations minus two; ids are those of the ARM type `Microsoft.Insights/webtests`.
"""

# Five networks apart; two of them near most visitors of the default region.
LOCATIONS = {
    "emea-nl-ams-azr": "West Europe",
    "emea-gb-db3-azr": "North Europe",
    "us-va-ash-azr": "East US",
    "us-ca-sjc-azr": "West US",
    "apac-sg-sin-azr": "Southeast Asia",
}
FREQUENCIES = (300, 600, 900)
FREQUENCY_SECONDS = 300
TIMEOUT_SECONDS = 30
CERTIFICATE_DAYS = 14
"""Days of validity that must remain; Azure renews its own certificates long before."""

MAX_LOCATIONS = 16
HIDDEN_LINK = "hidden-link:"
"""Tag prefix; with the component's id it is what puts the test into that component."""
