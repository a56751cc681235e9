# Standard errors of few clusters in R: Rscript tests/reference/impact.R > tests/reference/impact.json
suppressMessages({library(clubSandwich); library(jsonlite); library(lme4)})
table_of <- function(fit, cluster, type, ...) {
  v <- vcovCR(fit, cluster = cluster, type = type, ...)
  t <- coef_test(fit, vcov = v, test = "Satterthwaite")
  list(term = rownames(t), estimate = t$beta, se = t$SE, df = t$df_Satt, p = t$p_Satt)
}
rows <- do.call(rbind, lapply(1:12, function(s) do.call(rbind, lapply(1:3, function(t) data.frame(s, t, p = 1:(3 + s %% 4))))))
rows <- within(rows, { treated <- s <= 4; D <- treated * (t == 3)
  y <- sin(1.3 * s + 0.7 * t * s + 2.1 * p) + 0.4 * cos(0.9 * s * t) + 0.25 * D
  x <- cos(2.3 * s * t + 1.7 * p)
  w <- 1 + (3 * s + 5 * t + 7 * p) %% 4 })
fixture <- lm(y ~ 0 + D + factor(s) + factor(t), rows)
between <- lm(y ~ treated + x, rows)
# A row that stands for w pupils: the same rows w times
many <- rows[rep(seq_len(nrow(rows)), rows$w), ]
repeated <- lm(y ~ treated + x, many)
# Changes of schools, the groups of unequal size: t of unequal variances is what CR2 gives
means <- aggregate(y ~ s + t, rows, mean)
wide <- reshape(means, idvar = "s", timevar = "t", direction = "wide")
change <- data.frame(s = wide$s, d = wide$y.3 - wide$y.1, treated = as.numeric(wide$s <= 4))
short <- lm(d ~ treated, change)
welch <- t.test(d ~ treated, change)
# Three works, not all schools wrote each: each school counts one. With inverse_var = TRUE clubSandwich 0.5.8 takes a short
# cut to the degrees of freedom (7.45) that is not what its definition gives when it is computed matrix by matrix (6.12).
works <- expand.grid(s = 1:12, k = 1:3)
works <- works[!(works$s %in% c(2, 7) & works$k == 3) & !(works$s == 9 & works$k == 1), ]
works <- within(works, { treated <- as.numeric(s <= 4); d <- sin(2 * s + k) + 0.3 * k + 0.4 * treated })
works$share <- 1 / ave(works$s, works$s, FUN = length)
pooled <- lm(d ~ 0 + factor(k) + treated, works, weights = share)
kinds <- c("CR0", "CR1", "CR1S", "CR2")
all_kinds <- function(fit, cluster, ...) setNames(lapply(kinds, function(k) table_of(fit, cluster, k, ...)), kinds)
ancova <- lm(y.3 ~ y.1 + treated, data.frame(wide, treated = as.numeric(wide$s <= 4)))
cat(toJSON(list(
  versions = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich"))),
  fixture = all_kinds(fixture, rows$s), between = all_kinds(between, rows$s), repeated = all_kinds(repeated, many$s),
  changes = list(CR2 = table_of(short, change$s, "CR2"), welch = list(t = unname(welch$statistic), df = unname(welch$parameter))),
  works = list(CR2 = table_of(pooled, works$s, "CR2", target = 1 / works$share, inverse_var = FALSE)),
  ancova = list(CR2 = table_of(ancova, wide$s, "CR2"))
), digits = I(15), auto_unbox = TRUE))
