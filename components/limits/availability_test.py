"""The availability test of PlatformAlerts as data. Pure: no pulumi, no I/O.

Microsoft, "Application Insights availability tests" (standard tests): five locations at least, the
alert at locations minus two; ids are those of the ARM type `Microsoft.Insights/webtests`.
"""

PLACES = {
    "apac-hk-hkn-azr": "East Asia",
    "apac-jp-kaw-edge": "Japan East",
    "apac-sg-sin-azr": "Southeast Asia",
    "emea-au-syd-edge": "Australia East",
    "emea-ch-zrh-edge": "France South",
    "emea-fr-pra-edge": "France Central",
    "emea-gb-db3-azr": "North Europe",
    "emea-nl-ams-azr": "West Europe",
    "emea-ru-msa-edge": "UK South",
    "emea-se-sto-edge": "UK West",
    "latam-br-gru-edge": "Brazil South",
    "us-ca-sjc-azr": "West US",
    "us-fl-mia-edge": "Central US",
    "us-il-ch1-azr": "North Central US",
    "us-tx-sn1-azr": "South Central US",
    "us-va-ash-azr": "East US",
}
"""Every place that a test can ask from, by id."""
# Five networks apart; two of them near most visitors of the default region.
LOCATIONS = {
    place: PLACES[place]
    for place in (
        *("emea-nl-ams-azr", "emea-gb-db3-azr", "us-va-ash-azr", "us-ca-sjc-azr"),
        "apac-sg-sin-azr",
    )
}
FREQUENCIES = (300, 600, 900)
FREQUENCY_SECONDS = 300
TIMEOUT_SECONDS = 30
CERTIFICATE_DAYS = 14
"""Days of validity that must remain; Azure renews its own certificates long before."""

MAX_LOCATIONS = 16
MAX_TESTS = 100
"""Of a component."""
HIDDEN_LINK = "hidden-link:"
"""Tag prefix; with the component's id it is what puts the test into that component."""
