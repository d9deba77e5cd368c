"""Pictures, figures, text and the HTML report: how results meet the eye."""
