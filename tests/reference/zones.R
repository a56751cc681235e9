# Profiles with the level removed in R: Rscript tests/reference/zones.R > tests/reference/zones.json
# Every derivative of a residual by a pupil's points is taken numerically (central difference), not by the formula of
# the workbench; the slope of the norm and its prediction error are those of lm and of the sandwich by hand.
suppressMessages(library(jsonlite))
set.seed(11)
most <- c(1, 2, 1, 3, 1)
sizes <- list(A = c(12, 15, 9), B = c(20, 11), C = c(14, 13, 10, 8))
rows <- do.call(rbind, lapply(names(sizes), function(s) do.call(rbind, lapply(seq_along(sizes[[s]]), function(k) {
  n <- sizes[[s]][k]; theta <- rnorm(n) + rnorm(1, 0, .4) + match(s, names(sizes)) / 4
  x <- sapply(seq_along(most), function(i) rbinom(n, most[i], plogis(theta - c(-1, 0, .3, .6, 1)[i] + rnorm(1, 0, .3))))
  data.frame(school = s, class = paste0("7", k), x)
}))))
refs <- do.call(rbind, lapply(1:14, function(k) {
  level <- rnorm(1, 0, .5); n <- 40 + 3 * k
  data.frame(school = sprintf("c%02d", k), item = seq_along(most), n = n,
             facility = round(plogis(level * c(.6, 1, 1.2, 1, 1.4) - c(-1, 0, .3, .6, 1) + rnorm(5, 0, .15)) * n) / n)
}))
elogit <- function(f, n) log((n * f + .5) / (n * (1 - f) + .5))
y_of <- function(x) { f <- colMeans(sweep(x, 2, most, "/")); elogit(f, nrow(x)) }
ref <- tapply(elogit(refs$facility, refs$n), list(refs$school, refs$item), identity)
level <- rowMeans(ref); centred <- ref - level
residual_of <- function(x) { y <- y_of(x); sapply(seq_along(most), function(i) {
  fit <- lm(centred[, i] ~ level); y[i] - mean(y) - sum(coef(fit) * c(1, mean(y))) }) }
norm_of <- function(x) { l <- mean(y_of(x)); sapply(seq_along(most), function(i) {
  fit <- lm(centred[, i] ~ level); X <- cbind(1, level); k <- nrow(X)
  bread <- solve(crossprod(X)); a <- c(1, l)
  sqrt(sum((X %*% bread %*% a * resid(fit))^2) * k / (k - 2)) }) }
h <- 1e-4
influence_of <- function(x, f) sapply(seq_along(most), function(i) sapply(seq_len(nrow(x)), function(p) {
  m <- colMeans(sweep(x, 2, most, "/"))
  sapply(seq_along(most), function(j) { up <- x; down <- x; up[p, j] <- up[p, j] + h; down[p, j] <- down[p, j] - h
    (f(up)[i] - f(down)[i]) / (2 * h) * (x[p, j] - m[j] * most[j]) }) |> sum() }))
schools <- lapply(split(rows, rows$school), function(d) {
  x <- as.matrix(d[, -(1:2)])
  variances <- function(u) list(
    pupils = colSums(u^2) * nrow(x) / (nrow(x) - 1),
    classes = { t <- rowsum(u, d$class); k <- nrow(t); colSums(t^2) * k / (k - 1) })
  outside <- influence_of(x, residual_of)
  inside <- influence_of(x, function(z) { y <- y_of(z); y - mean(y) })
  list(logits = y_of(x), residual = residual_of(x), outside = variances(outside), inside = variances(inside),
       skill = variances(outside[, c(1, 3, 4)] %*% rep(1/3, 3)), se_norm = norm_of(x), n_classes = length(unique(d$class)))
})
cat(toJSON(list(version = R.version.string, max_scores = most, rows = rows, reference = refs, schools = schools),
           digits = I(15), auto_unbox = TRUE, dataframe = "columns"))
