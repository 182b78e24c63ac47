"""What several data sets become together: classes, domains, doubts."""
