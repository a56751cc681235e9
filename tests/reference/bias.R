# Markers of bias in R: Rscript tests/reference/bias.R > tests/reference/bias.json
suppressMessages(library(jsonlite))
histograms <- list(
  even = list(counts = c(1, 2, 4, 6, 8, 10, 12, 12, 10, 8, 6, 4, 2, 1), borders = 7, degree = 3),
  raised = list(counts = c(1, 2, 4, 6, 8, 10, 2, 22, 10, 8, 6, 4, 2, 1), borders = 7, degree = 3),
  school = list(counts = c(0, 1, 2, 4, 4, 3, 13, 11, 8, 3, 12, 3, 3, 1, 2, 0, 0), borders = c(6, 10, 14), degree = 3),
  neighbours = list(counts = c(3, 5, 2, 9, 1, 8, 6, 7, 4, 2), borders = c(3, 4, 5), degree = 2),
  many = list(counts = round(4000 * dnorm(0:20, 9, 4) + 300 * (0:20 == 11) - 250 * (0:20 == 10)), borders = c(7, 11, 15), degree = 4))
piles <- lapply(histograms, function(h) {
  x <- seq_along(h$counts) - 1
  shifted <- (x %in% h$borders) - ((x + 1) %in% h$borders)
  smooth <- glm(h$counts ~ poly(x, h$degree), family = poisson, control = glm.control(epsilon = 1e-14, maxit = 100))
  with <- glm(h$counts ~ poly(x, h$degree) + shifted, family = poisson, control = glm.control(epsilon = 1e-14, maxit = 100))
  c(h, list(expected = unname(fitted(smooth)), chi2 = anova(smooth, with, test = "Rao")$Rao[2], sign = sign(coef(with)[["shifted"]])))
})
set.seed(5)
pupils <- lapply(c(12, 25, 60), function(n) { score <- rbinom(n, 16, 0.5); list(score = score, mark = pmin(5, pmax(2, round(2 + score / 5 + rnorm(n))))) })
pupils <- c(pupils, list(list(score = c(1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 9, 10), mark = c(5, 5, 4, 5, 4, 4, 3, 4, 3, 2, 3, 3))))
correlations <- lapply(pupils, function(p) c(p, list(spearman = cor(p$score, p$mark, method = "spearman"))))
ratios <- round(exp(rnorm(61, 0.1, 0.15)), 4)
ratios[c(3, 40)] <- c(2.9, 0.05)
quartiles <- unname(quantile(ratios, c(0.25, 0.75), type = 7))
means <- lapply(pupils, function(p) { m <- mean(p$score); h <- 1.96 * sd(p$score) / sqrt(length(p$score)); list(score = p$score, mean = m, lower = m - h, upper = m + h) })
cat(toJSON(list(versions = list(R = R.version.string), piles = piles, correlations = correlations, ratios = ratios, means = means,
                fences = c(quartiles[1] - 3 * diff(quartiles), quartiles[2] + 3 * diff(quartiles))), digits = I(15), auto_unbox = TRUE))
