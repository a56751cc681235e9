# Reference results of differential item functioning: Rscript dif.R [czmatura_sample2000.csv.gz] > dif.json
# The data are made by a formula of whole numbers, so that any language makes the same; the Czech ones stay where they are.
suppressMessages({library(MASS); library(jsonlite)})
MOST <- c(1, 1, 2, 2, 3, 1, 2, 4)
N <- 600
TIGHT <- 1e-14

formula_data <- function() {
  i <- seq_len(N)
  theta <- 2 * sin(0.37 * i)
  focal <- as.integer((i * i) %% 7 < 3)
  y <- sapply(seq_along(MOST), function(j) {
    u <- ((31 * i * i + 7919 * i + 104729 * j * j + 6151 * i * j) %% 10007 + 0.5) / 10007
    slope <- if (j == 6) 1 - 0.7 * focal else 1
    shift <- 0.3 * (j - 4.5) + if (j == 3) 0.8 * focal else 0
    rowSums(sapply(seq_len(MOST[j]), function(k) u < plogis(slope * theta - shift - 0.9 * (k - 1))))
  })
  colnames(y) <- paste0("i", seq_along(MOST))
  list(y = y, focal = focal, booklet = 1 + i %% 2)
}

# the test of Mantel from pupils, not from tables: sums of products within strata
mantel <- function(y, focal, stratum) {
  part <- sapply(split(seq_along(y), stratum), function(r) {
    if (length(r) < 2) return(c(0, 0))
    a <- focal[r] - mean(focal[r]); b <- y[r] - mean(y[r])
    c(sum(a * b), sum(a^2) * sum(b^2) / (length(r) - 1))
  })
  chi2 <- sum(part[1, ])^2 / sum(part[2, ])
  list(chi2 = chi2, p = pchisq(chi2, 1, lower.tail = FALSE))
}

smd <- function(y, focal, stratum) {
  by <- aggregate(data.frame(y, n = 1), list(s = stratum, f = focal), sum)
  both <- merge(by[by$f == 1, ], by[by$f == 0, ], by = "s")
  sum(both$n.x * (both$y.x / both$n.x - both$y.y / both$n.y)) / sum(both$n.x)
}

two_by_two <- function(y, focal, stratum) {
  keep <- stratum %in% names(which(table(stratum) > 1))
  s <- factor(stratum[keep])
  answer <- factor(y[keep], c(max(y), 0)); group <- factor(focal[keep], c(0, 1))
  with <- mantelhaen.test(group, answer, s)
  without <- mantelhaen.test(group, answer, s, correct = FALSE)
  list(chi2 = unname(with$statistic), p = with$p.value, chi2_plain = unname(without$statistic),
       odds_ratio = unname(with$estimate), lower = with$conf.int[1], upper = with$conf.int[2])
}

fits <- function(y, focal, score, booklet = NULL) {
  d <- data.frame(y = y, g = focal, s = score - mean(score))
  extra <- ""
  if (length(unique(booklet)) > 1) { d$b <- factor(booklet); extra <- " + b" }
  one <- function(terms) {
    f <- as.formula(paste0("y ~ ", terms, extra))
    if (length(unique(y)) == 2) {
      d$y <- as.integer(d$y > 0)
      m <- glm(f, binomial, d, control = glm.control(epsilon = TIGHT, maxit = 100))
      co <- summary(m)$coefficients[, 1:2]
    } else {
      d$y <- ordered(d$y)
      m <- polr(f, d, Hess = TRUE, control = list(reltol = TIGHT, maxit = 10000))
      co <- summary(m)$coefficients[, 1:2]
    }
    list(ll = as.numeric(logLik(m)), co = co)
  }
  a <- one("s"); b <- one("s + g"); c <- one("s * g")
  inter <- c$co[grepl(":", rownames(c$co)), ]
  list(both = 2 * (c$ll - a$ll), uniform = 2 * (b$ll - a$ll), nonuniform = 2 * (c$ll - b$ll),
       uniform_group = unname(b$co["g", 1]), uniform_group_se = unname(b$co["g", 2]),
       full_score = unname(c$co["s", 1]), full_group = unname(c$co["g", 1]), full_group_se = unname(c$co["g", 2]),
       interaction = unname(inter[1]), interaction_se = unname(inter[2]))
}

study <- function(y, focal, booklet, most) {
  given <- !is.na(y)
  total <- rowSums(y, na.rm = TRUE)
  available <- as.vector(given %*% most)
  score <- total * sum(most) / available
  lapply(setNames(seq_len(ncol(y)), colnames(y)), function(j) {
    r <- which(given[, j])
    stratum <- paste(booklet[r], total[r])
    out <- list(n = length(r), mantel = mantel(y[r, j], focal[r], stratum), smd = smd(y[r, j], focal[r], stratum),
                logistic = fits(y[r, j], focal[r], score[r], booklet[r]))
    if (length(unique(y[r, j])) == 2) out$mh <- two_by_two(y[r, j], focal[r], stratum)
    out
  })
}

d <- formula_data()
whole <- study(d$y, d$focal, rep(1, N), MOST)
gaps <- d$y
gaps[d$booklet == 1, 7:8] <- NA
gaps[d$booklet == 2, 1:2] <- NA
booklets <- study(gaps, d$focal, d$booklet, MOST)
result <- list(R = R.version.string, MASS = as.character(packageVersion("MASS")),
               sums = unname(colSums(d$y)), focal = sum(d$focal), whole = whole, booklets = booklets)
path <- commandArgs(TRUE)
if (length(path)) {
  z <- read.csv(path[1])
  y <- as.matrix(z[, grepl("^b", names(z))])
  most <- apply(y, 2, max)
  result$matura <- study(y, z$SchTypeGY, rep(1, nrow(y)), most)
}
cat(toJSON(result, auto_unbox = TRUE, digits = 12, pretty = TRUE), "\n")
