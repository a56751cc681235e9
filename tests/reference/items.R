# Items in R: Rscript tests/reference/items.R [directory of the shared data] > tests/reference/items.json
# Only results of the data are kept.
suppressMessages({library(psych); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
read <- function(name, items) read.csv(file.path(folder, name), check.names = FALSE)[, items]
hci <- read("hci_scored.csv.gz", paste0("Item", 1:20))
lsat6 <- read("lsat6.csv.gz", paste0("item", 1:5))
icar <- read.csv(file.path(folder, "icar16_ability_missing.csv.gz"), check.names = FALSE)[, -1]
quiet <- function(call) suppressMessages(suppressWarnings(call))
raw_alpha <- function(x) quiet(psych::alpha(x, warnings = FALSE))$total$raw_alpha
interval <- function(x) {
  a <- raw_alpha(x); ci <- alpha.ci(a, n.obs = nrow(x), n.var = ncol(x))
  list(alpha = a, lower = ci$lower.ci, upper = ci$upper.ci)
}
pairwise <- function(x) {
  s <- cov(x, use = "pairwise"); total <- sum(s)
  rest <- sapply(seq_len(ncol(x)), function(i) sum(s[i, -i]) / sqrt(s[i, i] * sum(s[-i, -i])))
  list(alpha = raw_alpha(x), alpha_if_deleted = quiet(psych::alpha(x))$alpha.drop$raw_alpha, sd = sqrt(diag(s)),
       item_total = rowSums(s) / sqrt(diag(s) * total), item_rest = rest, total_sd = sqrt(total))
}
# The rule of the shared references (stable order of totals, floor of 27 % at each end) over random orders of rows.
shuffled <- function(x, times = 4000) {
  g <- floor(0.27 * nrow(x)); most <- apply(x, 2, max); x <- as.matrix(x); set.seed(27)
  found <- replicate(times, {
    y <- x[sample(nrow(x)), ]; y <- y[order(rowSums(y)), ]
    (colMeans(tail(y, g)) - colMeans(head(y, g))) / most
  })
  list(mean = rowMeans(found), se = apply(found, 1, sd) / sqrt(times), sd = apply(found, 1, sd))
}
omega_of_one <- function(x) {
  s <- cov(x, use = "pairwise")
  f <- quiet(fa(cov2cor(s), 1, fm = "minres", rotate = "none"))
  1 - sum(diag(s) * f$uniquenesses) / sum(s)
}
answers <- read("hci_raw.csv.gz", paste0("Item", 1:20))
total <- rowSums(hci)
options <- do.call(rbind, lapply(names(hci), function(item) {
  do.call(rbind, lapply(sort(unique(answers[[item]])), function(option) {
    chosen <- as.numeric(answers[[item]] == option)
    data.frame(item = item, option = option, point_biserial = cor(chosen, total),
               point_biserial_rest = cor(chosen, total - hci[[item]]))
  }))
}))
cat(toJSON(list(
  versions = list(R = R.version.string, psych = as.character(packageVersion("psych"))),
  interval = list(hci = interval(hci), lsat6 = interval(lsat6), hci_30 = interval(hci[1:30, ])),
  with_constant = raw_alpha(cbind(hci, always = 1)),
  icar_pairwise = pairwise(icar),
  omega = list(hci = omega_of_one(hci), lsat6 = omega_of_one(lsat6), icar = omega_of_one(icar)),
  upper_lower = list(hci = shuffled(hci), lsat6 = shuffled(lsat6)),
  options = options
), digits = I(15), auto_unbox = TRUE, pretty = TRUE), "\n")
