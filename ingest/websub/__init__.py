"""WebSub: hubs that send news as it comes (W3C Recommendation, 2018)."""
