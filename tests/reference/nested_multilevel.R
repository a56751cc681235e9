# Makes nested_multilevel.json: lme4 on nested levels, and its profile intervals, on data given by a formula.
# Rscript tests/reference/nested_multilevel.R [folder]
suppressMessages({library(lme4); library(jsonlite)})
folder <- c(commandArgs(trailingOnly = TRUE), ".")[1]

pupils <- function(class_effect = 2) {
  schools <- 30
  sizes <- 6 + (7 * seq_len(schools)) %% 17
  s <- rep(seq_len(schools), sizes)
  i <- sequence(sizes)
  d <- 1 + (s * 5) %% 7
  k <- 1 + (i * s) %% 3
  x <- sin(1.3 * i + 0.7 * s^2)
  y <- 20 + 2 * x + 3 * sin(5.1 * d) + 2.5 * sin(2.1 * s) + (1 + sin(3.7 * s + 1)) * x +
    class_effect * sin(4.3 * (3 * s + k)) * (1 + 0.7 * x) + 4 * sin(12.9898 * i * s + 78.233 * i)
  data.frame(district = d, school = s, class = k, x = x, y = y)
}
data <- pupils()

cases <- list(
  within = y ~ x + (1 | district) + (1 | school),
  below = y ~ x + (1 | school) + (1 | school:class),
  both = y ~ x + (1 | district) + (1 | school) + (1 | school:class),
  within_slope = y ~ x + (1 | district) + (x | school),
  below_slope = y ~ x + (1 | school) + (x | school:class),
  all_slopes = y ~ x + (1 | district) + (x | school) + (x | school:class)
)

fit <- function(formula, restricted) {
  control <- function(rhobeg) lmerControl(optimizer = "bobyqa", check.conv.singular = "ignore",
    optCtrl = list(rhobeg = rhobeg, rhoend = 1e-10, maxfun = 1e6))
  run <- function(start) suppressWarnings(suppressMessages(
    lmer(formula, data, REML = restricted, start = start, control = control(0.2))))
  first <- run(NULL)
  diagonal <- is.infinite(-getME(first, "lower"))
  starts <- lapply(c(0.1, 0.5, 2), function(size) ifelse(diagonal, 0, size))
  models <- c(list(first), lapply(starts, run))
  best <- models[[which.min(sapply(models, function(model) -as.numeric(logLik(model))))]]
  suppressWarnings(suppressMessages(update(best, start = getME(best, "theta"), control = control(1e-3))))
}

describe <- function(model) {
  conditional <- ranef(model, condVar = TRUE)
  levels <- lapply(setNames(names(conditional), sub("school:class", "class", names(conditional))), function(name) {
    one <- conditional[[name]]
    variances <- attr(one, "postVar")
    se <- t(matrix(sapply(seq_len(dim(variances)[3]), function(k) sqrt(diag(as.matrix(variances[, , k])))), ncol(one)))
    list(labels = rownames(one), effects = as.matrix(unname(one)), se = se,
         covariance = matrix(VarCorr(model)[[name]], ncol(one)))
  })
  list(estimate = as.numeric(fixef(model)), se = sqrt(diag(as.matrix(vcov(model)))), pupil = sigma(model)^2,
       minus2loglik = -2 * as.numeric(logLik(model)), levels = levels)
}

models <- list()
for (name in names(cases)) for (method in c("reml", "ml"))
  models[[paste(name, method, sep = "_")]] <- describe(fit(cases[[name]], method == "reml"))

# Standard deviations, squared; rows in the order of lme4: lowest level first, pupils last. Profiles use ML.
profiles <- list()
for (name in c("within", "below", "both", "within_slope")) {
  model <- fit(cases[[name]], FALSE)
  bounds <- suppressWarnings(suppressMessages(
    confint(profile(model, which = "theta_", signames = FALSE, devtol = 1e-7), level = 0.95)))
  profiles[[name]] <- list(names = rownames(bounds), lower = as.numeric(bounds[, 1]), upper = as.numeric(bounds[, 2]))
}

# Standard errors of variances: the second derivatives of the deviance by the standard deviations, by the chain rule.
errors <- list()
for (name in c("within", "below", "both")) {
  model <- fit(cases[[name]], FALSE)
  deviance <- lme4:::devfun2(model, useSc = TRUE, signames = FALSE)
  at <- attr(deviance, "optimum")
  at <- at[grep("^sd_|sigma", names(at))]
  curvature <- numDeriv::hessian(deviance, at)
  covariance <- 2 * solve(curvature)
  errors[[name]] <- list(names = names(at), variance = as.numeric(at)^2, se = as.numeric(2 * at * sqrt(diag(covariance))))
}

# The spline of lme4's profile misses bounds of a slope by up to 3e-3 of their size: its deviance, all else at its best,
# is there 0.01 away from the quantile. The bound itself is found here.
exact_bound <- function(model, term, near) {
  deviance <- lme4:::devfun2(model, useSc = TRUE, signames = FALSE)
  at <- attr(deviance, "optimum"); at <- at[grep("^sd_|^cor_|sigma", names(at))]
  held <- which(names(at) == term); correlations <- grep("^cor_", names(at)); least <- deviance(at)
  above <- function(value) {
    objective <- function(free) {
      all <- at; all[-held] <- free; all[held] <- value
      if (any(abs(all[correlations]) > 1) || any(all[-correlations] < 0)) return(1e9)
      deviance(all)
    }
    end <- at[-held]
    for (round in 1:4) end <- optim(end, objective, control = list(maxit = 3000, reltol = 1e-14))$par
    objective(end) - least - qchisq(0.95, 1)
  }
  uniroot(above, near * c(0.99, 1.01), tol = 1e-7)$root
}
exact <- list()
model <- fit(cases$within_slope, FALSE)
ends <- profiles$within_slope; k <- which(ends$names == "sd_x|school")
exact$within_slope <- c(exact_bound(model, "sd_x|school", ends$lower[k]), exact_bound(model, "sd_x|school", ends$upper[k]))

exam <- tryCatch({
  e <- new.env(); data(Exam, package = "mlmRev", envir = e)
  one <- function(formula) {
    model <- lmer(formula, e$Exam, REML = FALSE)
    bounds <- confint(profile(model, which = "theta_", signames = FALSE), level = 0.95)
    list(names = rownames(bounds), lower = as.numeric(bounds[, 1]), upper = as.numeric(bounds[, 2]))
  }
  model <- lmer(normexam ~ standLRT + (standLRT | school), e$Exam, REML = FALSE)
  slope <- "sd_standLRT|school"
  exact$exam <- c(exact_bound(model, slope, 0.0859), exact_bound(model, slope, 0.1618))
  list(ri = one(normexam ~ standLRT + (1 | school)), rs = one(normexam ~ standLRT + (standLRT | school)))
}, error = function(e) NULL)

write_json(
  list(versions = list(R = paste(R.version$major, R.version$minor, sep = "."), lme4 = as.character(packageVersion("lme4"))),
       rows = nrow(data), sum_y = sum(data$y), models = models, profiles = profiles, errors = errors, exam = exam, exact = exact),
  file.path(folder, "nested_multilevel.json"), digits = 14, auto_unbox = TRUE, pretty = FALSE, matrix = "rowmajor"
)
