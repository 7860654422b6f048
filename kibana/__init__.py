"""What an analyst finds in Kibana on the first day: made from the configured topics, and loaded over Kibana's HTTP API.

Written for Kibana 9.5; docs/kibana.md lists the endpoints, and what could not be checked without a Kibana.
"""
