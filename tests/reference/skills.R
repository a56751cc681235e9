# Correlations corrected for unreliability in R: Rscript tests/reference/skills.R [directory of the shared data] > tests/reference/skills.json
# Only results of the data are kept.
suppressMessages({library(psych); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
hci <- read.csv(file.path(folder, "hci_scored.csv.gz"), check.names = FALSE)[, paste0("Item", 1:20)]
alpha_of <- function(x) suppressWarnings(suppressMessages(psych::alpha(x, warnings = FALSE)))$total$raw_alpha
both <- function(x, first, second) {
  a <- alpha_of(x[, first]); b <- alpha_of(x[, second])
  r <- cor(rowSums(x[, first]), rowSums(x[, second]))
  list(r = r, alpha = c(a, b), corrected = correct.cor(matrix(c(1, r, r, 1), 2), c(a, b))[1, 2])
}
jackknife <- function(x, first, second, class) {
  left <- lapply(unique(class), function(one) both(x[class != one, ], first, second))
  g <- length(left); t <- qt(0.975, g - 1)
  se <- function(v) sqrt((g - 1) / g * sum((v - mean(v))^2))
  whole <- both(x, first, second)
  z <- atanh(whole$r) + c(-1, 1) * t * se(atanh(sapply(left, `[[`, "r")))
  c(whole, list(interval = tanh(z), corrected_interval =
      whole$corrected + c(-1, 1) * t * se(sapply(left, `[[`, "corrected"))))
}
class <- (seq_len(nrow(hci)) - 1) %% 25
cat(toJSON(list(
  versions = list(R = R.version.string, psych = as.character(packageVersion("psych"))),
  halves = jackknife(hci, 1:10, 11:20, class),
  unequal = jackknife(hci, c(1, 4, 5, 9, 11), c(2, 3, 6:8, 10, 12:20), class)
), digits = I(15), auto_unbox = TRUE, pretty = TRUE), "\n")
