# Conditional maximum likelihood by eRm: partial credit, missing by design, Andersen's test.
# Rscript tests/reference/rasch_conditional.R   writes rasch_conditional.json beside it.
suppressMessages({library(eRm); library(jsonlite)})
set.seed(20)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))

draw <- function(theta, steps) {
  odds <- outer(theta, seq_along(steps)) - matrix(cumsum(steps), length(theta), length(steps), byrow = TRUE)
  p <- exp(cbind(0, odds)); p <- p / rowSums(p)
  rowSums(runif(length(theta)) > t(apply(p, 1, cumsum)))
}
thresholds_of <- function(model) {
  # beta: easiness of reaching a category; minus its differences are the steps
  beta <- model$betapar
  item <- sub("^beta (.*)\\.c[0-9]+$", "\\1", names(beta))
  steps <- lapply(split(-beta, factor(item, unique(item))), function(b) unname(diff(c(0, b))))
  centre <- mean(sapply(steps, mean))
  lapply(steps, function(b) b - centre)
}

theta <- rnorm(400, 0, 1.2)
steps <- list(i1 = -0.8, i2 = c(-1, 0.5), i3 = c(0.4, -0.2, 1), i4 = 0.3, i5 = c(-0.5, 0.9), i6 = c(0.2, 1.4))
credit <- as.data.frame(lapply(steps, function(b) draw(theta, b)))
pcm <- PCM(credit)

theta <- rnorm(600)
b <- seq(-1.5, 1.5, length.out = 9)
right <- as.data.frame(sapply(setNames(b, paste0("j", 1:9)), function(d) as.integer(runif(600) < plogis(theta - d))))
booklets <- right
booklets[1:300, 7:9] <- NA
booklets[301:600, 1:3] <- NA
rasch <- RM(booklets)

sex <- rep(c("a", "b"), 300)
by_median <- LRtest(RM(right), splitcr = "median")
by_group <- LRtest(RM(right), splitcr = sex)
pcm_groups <- LRtest(PCM(credit), splitcr = rep(c("a", "b"), 200))

difficulties <- function(model) unname(-model$betapar - mean(-model$betapar))
write_json(list(
  versions = list(R = R.version.string, eRm = as.character(packageVersion("eRm"))),
  credit = list(data = credit, steps = thresholds_of(pcm), loglik = pcm$loglik),
  booklets = list(data = booklets, difficulty = difficulties(rasch), se = unname(rasch$se.beta), loglik = rasch$loglik),
  andersen = list(
    data = right,
    median = by_median[c("LR", "df", "pvalue")],
    external = by_group[c("LR", "df", "pvalue")],
    credit = pcm_groups[c("LR", "df", "pvalue")]
  )
), file.path(here, "rasch_conditional.json"), auto_unbox = TRUE, digits = NA, na = "null", dataframe = "columns")
