# What stands around an effect, in R: Rscript tests/reference/evidence.R > tests/reference/evidence.json
suppressMessages(library(jsonlite))
set.seed(11)
# Correlation of school means in two waves, Fisher's interval.
before <- round(rnorm(12, 0, 0.3), 3)
after <- round(0.7 * before + rnorm(12, 0, 0.15), 3)
ct <- cor.test(before, after, conf.level = 0.9)
correlation <- list(before = before, after = after, level = 0.9, estimate = unname(ct$estimate), lower = ct$conf.int[1], upper = ct$conf.int[2])
# Welch on one number a school.
ours <- round(rnorm(7, 0.12, 0.04), 3)
others <- round(rnorm(18, 0, 0.03), 3)
tt <- t.test(ours, others)
welch <- list(ours = ours, others = others, estimate = unname(diff(rev(tt$estimate))), se = unname(tt$stderr), df = unname(tt$parameter), lower = tt$conf.int[1], upper = tt$conf.int[2], p = tt$p.value)
# Standardised difference of pupils in two groups of schools, from the pupils themselves.
school <- rep(1:8, times = c(12, 9, 15, 10, 11, 14, 8, 13))
score <- round(rnorm(length(school), 10, 3) + rep(rnorm(8), times = table(school)), 1)
treated <- as.integer(school <= 3)
n <- c(sum(treated == 1), sum(treated == 0)); v <- c(var(score[treated == 1]), var(score[treated == 0]))
s <- sqrt(sum((n - 1) * v) / (sum(n) - 2)); d <- mean(score[treated == 1]) - mean(score[treated == 0])
baseline <- list(school = school, score = score, treated = treated, difference = d, sd = s, g = d / s * (1 - 3 / (4 * sum(n) - 9)), sd_comparison = sd(score[treated == 0]), mean_comparison = mean(score[treated == 0]))
# Difference of two shares with Wilson's intervals (prop.test without correction), Newcombe's hybrid.
w <- function(x, n) as.numeric(prop.test(x, n, correct = FALSE)$conf.int)
a <- w(15, 80); b <- w(29, 75); p <- c(15 / 80, 29 / 75)
newcombe <- list(lower = p[2] - p[1] - sqrt((p[2] - b[1])^2 + (a[2] - p[1])^2), upper = p[2] - p[1] + sqrt((b[2] - p[2])^2 + (p[1] - a[1])^2))
# Spearman's correlation with ties, and all its permutations.
dose <- c(5, 8, 5, 9, 7, 6, 5); change <- c(0.41, 0.47, 0.35, 0.36, 0.46, 0.50, 0.43)
perms <- function(v) if (length(v) <= 1) list(v) else do.call(c, lapply(seq_along(v), function(i) lapply(perms(v[-i]), function(p) c(v[i], p))))
all <- sapply(perms(change), function(y) cor(dose, y, method = "spearman"))
dose_case <- list(dose = dose, change = change, rho = cor(dose, change, method = "spearman"), lower = unname(quantile(all, 0.025, type = 1)), upper = unname(quantile(all, 0.975, type = 1)))
# Lee's bounds by sorting and cutting whole pupils off: 16 of 20 present against 12 of 20, 4 of 16 trimmed.
y1 <- round(rnorm(16, 0.4), 2); y0 <- round(rnorm(12), 2)
lee <- list(treated = y1, comparison = y0, absent = c(4, 8), lower = mean(sort(y1)[1:12]) - mean(y0), upper = mean(sort(y1)[5:16]) - mean(y0))
cat(toJSON(list(version = R.version.string, correlation = correlation, welch = welch, baseline = baseline, newcombe = newcombe, dose = dose_case, lee = lee), digits = I(15), auto_unbox = TRUE))
