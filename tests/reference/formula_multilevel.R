# Makes formula_multilevel.json: lme4 and survey on data given by a formula, which the tests repeat.
# Rscript tests/reference/formula_multilevel.R [folder]
suppressMessages({library(lme4); library(survey); library(jsonlite)})
folder <- c(commandArgs(trailingOnly = TRUE), ".")[1]

pupils <- function(schools, school_effect, slope_effect, noise, centred = FALSE) {
  sizes <- 2 + (5 * seq_len(schools)) %% 23
  s <- rep(seq_len(schools), sizes)
  i <- sequence(sizes)
  x <- 50 + 10 * sin(1.3 * i + 0.7 * s^2)
  z <- cos(2.3 * i * s + 0.4 * i)
  u <- school_effect * sin(2.1 * s)
  v <- slope_effect * sin(3.7 * s + 1)
  e <- noise * sin(12.9898 * i * s + 78.233 * i)
  if (centred) e <- e - ave(e, s)
  data.frame(school = s, x = x, z = z, w = 1 + (i + s) %% 3, y = 3 + 0.4 * x - z + u + v * (x - 50) / 10 + e)
}

sets <- list(
  usual = pupils(24, 3, 1, 4),
  few = pupils(5, 3, 1, 4),
  no_school = pupils(24, 0, 0, 4, centred = TRUE),
  no_slope = pupils(24, 3, 0, 4)
)
cases <- list(
  usual_ri = list("usual", y ~ x + (1 | school)),
  usual_two = list("usual", y ~ x + z + (1 | school)),
  usual_rs = list("usual", y ~ x + (x | school)),
  usual_rs2 = list("usual", y ~ x + z + (x + z | school)),
  few_ri = list("few", y ~ x + (1 | school)),
  few_rs = list("few", y ~ x + (x | school)),
  no_school_ri = list("no_school", y ~ x + (1 | school)),
  no_school_rs = list("no_school", y ~ x + (x | school)),
  no_slope_rs = list("no_slope", y ~ x + (x | school)),
  weighted_ri = list("usual", y ~ x + (1 | school), weighted = TRUE),
  weighted_rs = list("usual", y ~ x + (x | school), weighted = TRUE)
)

# Slopes are fitted on x - 50 divided by 10, where the optimiser is sound, and carried back: the likelihood is the same
# apart from the constant of the REML criterion, and y = a + b (x - m) / d is y = (a - b m / d) + (b / d) x.
m <- 50; d <- 10
# A single start ends in a local optimum for usual_rs2 (its deviance is 1.5 too high); the best of several is kept.
fit <- function(formula, data, restricted) {
  data$x <- (data$x - m) / d
  control <- function(rhobeg) lmerControl(optimizer = "bobyqa", check.conv.singular = "ignore",
    optCtrl = list(rhobeg = rhobeg, rhoend = 1e-10, maxfun = 1e6))
  run <- function(start) suppressWarnings(suppressMessages(
    lmer(formula, data, REML = restricted, start = start, control = control(0.2))))
  first <- run(NULL)
  theta <- getME(first, "theta")
  diagonal <- is.infinite(-getME(first, "lower"))
  starts <- lapply(c(0.1, 0.5, 2), function(size) ifelse(diagonal, 0, size))
  models <- c(list(first), lapply(starts, run))
  best <- models[[which.min(sapply(models, function(model) -as.numeric(logLik(model))))]]
  suppressWarnings(suppressMessages(update(best, start = getME(best, "theta"), control = control(1e-3))))
}

describe <- function(model, restricted) {
  fixed <- fixef(model)
  back <- diag(length(fixed)); dimnames(back) <- list(names(fixed), names(fixed))
  back["x", "x"] <- 1 / d
  back["(Intercept)", "x"] <- -m / d
  conditional <- ranef(model, condVar = TRUE)$school
  random <- back[names(conditional), names(conditional), drop = FALSE]
  variances <- attr(conditional, "postVar")
  se <- sapply(seq_len(dim(variances)[3]), function(k) sqrt(diag(random %*% matrix(variances[, , k], nrow(random)) %*% t(random))))
  se <- matrix(se, nrow(random))
  covariance <- random %*% matrix(VarCorr(model)$school, nrow(random)) %*% t(random)
  pairs <- combn(ncol(se), 2)
  first <- se[1, pairs[1, ]]; second <- se[1, pairs[2, ]]
  list(
    terms = names(fixed), estimate = as.numeric(back %*% fixed),
    se = sqrt(diag(back %*% as.matrix(vcov(model)) %*% t(back))),
    random = names(conditional), covariance = covariance, pupil = sigma(model)^2,
    minus2loglik = -2 * as.numeric(logLik(model)) + if (restricted) 2 * log(d) else 0,
    effects = as.matrix(conditional) %*% t(random), effects_se = t(se),
    goldstein_healy = qnorm(0.975) * mean(ifelse(first + second > 0, sqrt(first^2 + second^2) / (first + second), sqrt(0.5)))
  )
}

models <- list()
for (name in names(cases)) for (method in c("reml", "ml")) {
  data <- sets[[cases[[name]][[1]]]]
  if (isTRUE(cases[[name]]$weighted)) data <- data[rep(seq_len(nrow(data)), data$w), ]
  models[[paste(name, method, sep = "_")]] <- describe(fit(cases[[name]][[2]], data, method == "reml"), method == "reml")
}

# Marks: 2 to 5 from the outcome's place in its distribution, classes of a school by parity of the pupil.
marks <- sets$usual
marks$mark <- pmin(5, pmax(2, round(3.6 + (marks$y - 23) / 6)))
marks$class <- interaction(marks$school, seq_len(nrow(marks)) %% 2)
design <- svydesign(ids = ~class, weights = ~w, data = marks)
points <- c(16, 36, 64, 100)[marks$mark - 1]
design <- update(design, quality = as.numeric(mark >= 4), points = points)
survey_means <- lapply(c(quality = "quality", points = "points", y = "y"), function(v) {
  value <- svymean(as.formula(paste0("~", v)), design)
  list(mean = as.numeric(value), se = as.numeric(SE(value)), df = degf(design))
})

write_json(
  list(versions = list(R = paste(R.version$major, R.version$minor, sep = "."), lme4 = as.character(packageVersion("lme4")),
                       survey = as.character(packageVersion("survey"))),
       models = models, survey = survey_means, rows = sapply(sets, nrow), sum_y = sapply(sets, function(set) sum(set$y))),
  file.path(folder, "formula_multilevel.json"), digits = 14, auto_unbox = TRUE, pretty = TRUE, matrix = "rowmajor"
)
