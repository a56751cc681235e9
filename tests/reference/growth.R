# Growth in R: Rscript tests/reference/growth.R > tests/reference/growth.json
# The scores are formulas, written again in test_growth.py; growth percentiles by the rule of SGP from quantreg and splines.
suppressMessages({library(quantreg); library(splines); library(jsonlite)})
i <- 0:1202
first <- round(50 + 20 * sin(1.7 * i) + 10 * cos(0.37 * i^2))
second <- round(0.6 * first + 15 * sin(2.3 * i) + 20)
current <- round(20 + 0.5 * first + 0.3 * second + 8 * sin(2.9 * i) + 6 * cos(0.11 * i^2), 1)
w <- 1 + i %% 3
tau <- (1:100 - 0.5) / 100
settings <- function(x) list(knots = unname(quantile(x, c(.2, .4, .6, .8))), boundaries = extendrange(x, f = .1))
basis <- function(x) { s <- settings(x); bs(x, knots = s$knots, Boundary.knots = s$boundaries) }
percentile <- function(X, y, w = NULL) {
  fit <- if (is.null(w)) rq(y ~ X, tau = tau, method = "br") else rq(y ~ X, tau = tau, weights = w, method = "br")
  expected <- round(t(apply(cbind(1, X) %*% coef(fit), 1, sort)), 5)
  pmin(pmax(rowSums(expected < y), 1), 99)
}
data(engel)
many <- basis(second)
gain <- lm(current ~ bs(first, knots = settings(first)$knots, Boundary.knots = settings(first)$boundaries))
p <- predict(gain, se.fit = TRUE)
weighted <- lm(current ~ bs(first, knots = settings(first)$knots, Boundary.knots = settings(first)$boundaries), weights = w)
long <- rep(seq_along(i), w)
median_interval <- function(n) { k <- qbinom(.025, n, .5); if (2 * pbinom(k - 1, n, .5) > .05) k <- k - 1; k }
cat(toJSON(list(
  versions = list(R = R.version.string, quantreg = as.character(packageVersion("quantreg"))),
  sums = list(first = sum(first), second = sum(second), current = sum(current)),
  settings = list(first = settings(first), second = settings(second), repeated = settings(first[long])),
  one = percentile(basis(first), current),
  two = percentile(cbind(basis(first), many), current),
  weighted = percentile(bs(first, knots = settings(first[long])$knots, Boundary.knots = settings(first[long])$boundaries), current, w),
  engel = lapply(c(.1, .25, .5, .75, .9), function(t) list(tau = t, coefficients = unname(coef(rq(foodexp ~ income, tau = t, data = engel))))),
  gain = list(expected = unname(p$fit[1:20]), se = unname(p$se.fit[1:20]), sigma = summary(gain)$sigma, weighted = unname(fitted(weighted)[1:20])),
  places = lapply(c(6, 7, 10, 25, 66, 199), function(n) list(n = n, k = median_interval(n)))
), digits = I(15), auto_unbox = TRUE))
