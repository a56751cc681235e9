# Agreement of raters in R: Rscript tests/reference/raters.R > tests/reference/raters.json
suppressMessages({library(psych); library(vcd); library(jsonlite)})
tables <- list(four = matrix(c(20, 10, 5, 15), 2), three = matrix(c(0, 0, 0, 4, 8, 1, 1, 0, 5), 3),
               grades = matrix(c(12, 3, 1, 0, 4, 15, 5, 1, 1, 6, 18, 3, 0, 0, 4, 9), 4, byrow = TRUE),
               rare = matrix(c(95, 3, 2, 0), 2))
# The standard error of psych 2.2.9 for weighted kappa is not that of Fleiss, Cohen and Everitt (1969); vcd's is.
one <- function(t, w) { k <- Kappa(t, weights = w)$Weighted; list(kappa = unname(k[1]), se = unname(k[2]), psych = cohen.kappa(t, w = if (w == "Equal-Spacing") 1 - abs(outer(1:nrow(t), 1:nrow(t), "-")) / (nrow(t) - 1) else NULL, n.obs = sum(t))$weighted.kappa) }
kappas <- lapply(tables, function(t) {
  u <- cohen.kappa(t, n.obs = sum(t))
  list(table = t, none = list(kappa = u$confid[1, 2], lower = u$confid[1, 1], upper = u$confid[1, 3], se = sqrt(u$var.kappa)),
       linear = one(t, "Equal-Spacing"), quadratic = one(t, "Fleiss-Cohen"))
})
shrout <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), ncol = 4, byrow = TRUE)
set.seed(3)
ratings <- list(shrout_fleiss = shrout, two_raters = round(matrix(rnorm(24, 5), 12) + rnorm(12), 1),
                negative = matrix(c(1, 5, 2, 4, 3, 3, 4, 2, 5, 1, 3, 4), ncol = 2, byrow = TRUE),
                many = round(matrix(rnorm(200), 40) + rnorm(40) + rep(c(0, 1, 0, 2, 0), each = 40), 2))
iccs <- lapply(ratings, function(m) { r <- ICC(m, lme = FALSE)$results; list(ratings = m, value = r$ICC, lower = r[["lower bound"]], upper = r[["upper bound"]], f = r$F, df1 = r$df1, df2 = r$df2, p = r$p) })
cat(toJSON(list(versions = list(R = R.version.string, psych = as.character(packageVersion("psych")), vcd = as.character(packageVersion("vcd"))), kappas = kappas, iccs = iccs),
           digits = I(15), auto_unbox = TRUE, matrix = "rowmajor"))
