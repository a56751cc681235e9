# Equating and linking, written a second time with R's own lm, glm, approx, optim and uniroot, for the tests of equating.
# Rscript equating.R writes equating.json beside it: invented data and what R makes of them.
suppressPackageStartupMessages(library(jsonlite))
folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
set.seed(20201)

# pupils with a form of 20 tasks, 8 of them the anchor; the second group is abler
sit <- function(n, ability, difficulty) {
  theta <- rnorm(n, ability)
  right <- sapply(difficulty, function(b) rbinom(n, 1, plogis(theta - b)))
  data.frame(total = rowSums(right), anchor = rowSums(right[, 1:8]))
}
anchor <- seq(-1.2, 1.2, length.out = 8)
x <- sit(700, 0, c(anchor, seq(-1.5, 1.8, length.out = 12)))
y <- sit(900, 0.4, c(anchor, seq(-1.8, 1.4, length.out = 12)))

# Tucker by regressions predicted for a common population; Levine with the same identities and its own gamma
common_population <- function(gamma, w) {
  v_mean <- w * mean(x$anchor) + (1 - w) * mean(y$anchor)
  v_var <- w * var(x$anchor) + (1 - w) * var(y$anchor) + w * (1 - w) * (mean(x$anchor) - mean(y$anchor))^2
  m <- c(mean(x$total) + gamma[1] * (v_mean - mean(x$anchor)), mean(y$total) + gamma[2] * (v_mean - mean(y$anchor)))
  v <- c(var(x$total) + gamma[1]^2 * (v_var - var(x$anchor)), var(y$total) + gamma[2]^2 * (v_var - var(y$anchor)))
  slope <- sqrt(v[2] / v[1])
  c(slope = slope, intercept = m[2] - slope * m[1])
}
tucker_gamma <- c(coef(lm(total ~ anchor, x))[[2]], coef(lm(total ~ anchor, y))[[2]])
inner_gamma <- 1 / c(coef(lm(anchor ~ total, x))[[2]], coef(lm(anchor ~ total, y))[[2]])
outer <- function(g) (var(g$total) + cov(g$total, g$anchor)) / (var(g$anchor) + cov(g$total, g$anchor))
outer_gamma <- c(outer(x), outer(y))
lines <- list()
for (w in c(1, 0.5, 0)) lines[[as.character(w)]] <- list(
  tucker = as.list(common_population(tucker_gamma, w)),
  levine_internal = as.list(common_population(inner_gamma, w)),
  levine_external = as.list(common_population(outer_gamma, w))
)
to_v <- function(s) mean(x$anchor) + sd(x$anchor) / sd(x$total) * (s - mean(x$total))
to_y <- function(v) mean(y$total) + sd(y$total) / sd(y$anchor) * (v - mean(y$anchor))
chained <- list(slope = to_y(to_v(1)) - to_y(to_v(0)), intercept = to_y(to_v(0)))

# equipercentile by interpolation of cumulative shares
ranks <- function(counts) c(0, cumsum(counts)) / sum(counts)
equipercentile <- function(at, from, to, from_scale, to_scale) {
  p <- approx(c(from_scale - 0.5, max(from_scale) + 0.5), ranks(from), at)$y
  approx(ranks(to), c(to_scale - 0.5, max(to_scale) + 0.5), p)$y
}
x_scale <- min(x$total):max(x$total); y_scale <- min(y$total):max(y$total); v_scale <- 0:8
nx <- table(factor(x$total, x_scale)); ny <- table(factor(y$total, y_scale))
vx <- table(factor(x$anchor, v_scale)); vy <- table(factor(y$anchor, v_scale))
stopifnot(all(nx > 0), all(ny > 0), all(vx > 0), all(vy > 0))
curve <- equipercentile(x_scale, nx, ny, x_scale, y_scale)
chained_curve <- equipercentile(equipercentile(x_scale, nx, vx, x_scale, v_scale), vy, ny, v_scale, y_scale)

smoothed <- function(counts, scale, d) {
  glm(as.numeric(counts) ~ poly(scale, d), family = poisson, control = glm.control(epsilon = 1e-15, maxit = 100))
}
fits <- lapply(1:5, function(d) smoothed(nx, x_scale, d))
smooth_curve <- equipercentile(x_scale, fitted(fits[[4]]), fitted(smoothed(ny, y_scale, 4)), x_scale, y_scale)

# standard errors of linear equating: Kolen & Brennan's formula with third and fourth moments
central <- function(s, k) mean((s - mean(s))^k)
part <- function(s, z) {
  (central(s, 2) + z * central(s, 3) / sd(s) + z^2 * (central(s, 4) - central(s, 2)^2) / (4 * var(s))) / length(s)
}
z <- (x_scale - mean(x$total)) / sd(x$total)
linear_slope <- sd(y$total) / sd(x$total)
linear_se <- sqrt(part(y$total, z) + linear_slope^2 * part(x$total, z))

# item parameters of two calibrations; the new scale is another and holds estimation error
gpcm <- function(a, b, theta) {
  e <- exp(c(0, cumsum(a * (theta - b))))
  e / sum(e)
}
steps <- list(-1.1, 0.2, c(-0.6, 0.9), 1.3, c(-1.5, -0.2, 0.8), -0.4, 0.7, c(0.1, 1.6))
old <- list(a = c(0.8, 1.4, 1.1, 0.9, 1.2, 1.7, 0.7, 1.0), b = steps)
new <- list(
  a = old$a * 1.25 * exp(rnorm(8, 0, 0.05)),
  b = lapply(steps, function(b) (b - 0.35) / 1.25 + rnorm(length(b), 0, 0.08))
)
theta <- seq(-4, 4, by = 0.1)
difference <- function(at, total, weights) {
  A <- exp(at[1]); B <- at[2]
  value <- 0
  for (q in seq_along(theta)) {
    d <- lapply(seq_along(steps), function(j) {
      gpcm(old$a[j], old$b[[j]], theta[q]) - gpcm(new$a[j] / A, A * new$b[[j]] + B, theta[q])
    })
    value <- value + weights[q] * if (total) sum(sapply(d, function(p) sum(p * (seq_along(p) - 1))))^2 else sum(unlist(d)^2)
  }
  value
}
link <- function(total, weights) {
  at <- c(0, 0)
  for (turn in 1:4) at <- optim(at, difference, total = total, weights = weights, method = "BFGS",
                                control = list(reltol = 1e-16, maxit = 500, fnscale = 1e-4))$par
  list(slope = exp(at[1]), intercept = at[2], criterion = difference(at, total, weights))
}
normal <- dnorm(theta) / sum(dnorm(theta)); uniform <- rep(1 / length(theta), length(theta))
ob <- unlist(old$b); nb <- unlist(new$b)
links <- list(
  mean_sigma = list(slope = sd(ob) / sd(nb), intercept = mean(ob) - sd(ob) / sd(nb) * mean(nb)),
  mean_mean = list(slope = mean(new$a) / mean(old$a), intercept = mean(ob) - mean(new$a) / mean(old$a) * mean(nb)),
  haebara_normal = link(FALSE, normal), haebara_uniform = link(FALSE, uniform),
  stocking_lord_normal = link(TRUE, normal), stocking_lord_uniform = link(TRUE, uniform)
)

# true scores: the first five items of the old calibration as a new form on the same scale
expected <- function(t, set) sum(sapply(set, function(j) { p <- gpcm(old$a[j], old$b[[j]], t); sum(p * (seq_along(p) - 1)) }))
true_theta <- sapply(1:7, function(s) uniroot(function(t) expected(t, 1:5) - s, c(-20, 20), tol = 1e-13)$root)
true_scores <- sapply(true_theta, expected, set = 1:8)

pad <- function(b) t(sapply(b, function(s) c(s, rep(NA, 3 - length(s)))))
write_json(list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = ".")),
  x = x, y = y, weights = lines, chained = chained,
  scale = x_scale, curve = curve, chained_curve = chained_curve, smooth_curve = smooth_curve,
  deviance = sapply(fits, deviance), fitted4 = unname(fitted(fits[[4]])), linear_se = linear_se,
  old = list(a = old$a, b = pad(old$b)), new = list(a = new$a, b = pad(new$b)), links = links,
  true_theta = true_theta, true_scores = true_scores
), file.path(folder, "equating.json"), digits = 14, auto_unbox = TRUE, na = "null", dataframe = "columns")
