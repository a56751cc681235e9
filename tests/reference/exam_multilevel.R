# Makes exam_multilevel.json and exam_*_eb.csv: lme4 on the London schools (mlmRev::Exam).
# Rscript tests/reference/exam_multilevel.R [folder]
suppressMessages({library(lme4); library(mlmRev); library(jsonlite)})
folder <- c(commandArgs(trailingOnly = TRUE), ".")[1]

formulas <- list(
  null = normexam ~ 1 + (1 | school),
  ri = normexam ~ standLRT + (1 | school),
  rs = normexam ~ standLRT + (standLRT | school),
  va_contextual = normexam ~ standLRT + sex + schgend + schavg + (1 | school)
)

# The optimiser's default stops at 1e-6 of the parameters; a start at its own optimum with a smaller
# trust region takes it to about 1e-9.
fit <- function(formula, restricted, data) {
  control <- function(rhobeg) lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = rhobeg, rhoend = 1e-10, maxfun = 1e5))
  model <- suppressMessages(lmer(formula, data, REML = restricted, control = control(0.2)))
  update(model, start = getME(model, "theta"), control = control(1e-3))
}

describe <- function(model) {
  effects <- as.data.frame(VarCorr(model))
  fixed <- coef(summary(model))
  conditional <- ranef(model, condVar = TRUE)$school
  se <- sqrt(attr(conditional, "postVar")[1, 1, ])
  pairs <- combn(length(se), 2)
  first <- se[pairs[1, ]]; second <- se[pairs[2, ]]
  list(
    fixed = setNames(lapply(rownames(fixed), function(term) as.list(setNames(fixed[term, ], c("estimate", "se", "t")))), rownames(fixed)),
    random = effects[, c("grp", "var1", "var2", "vcov")],
    minus2loglik = -2 * as.numeric(logLik(model)),
    goldstein_healy = qnorm(0.975) * mean(sqrt(first^2 + second^2) / (first + second)),
    n_obs = nobs(model), n_schools = ngrps(model)[["school"]]
  )
}

write_effects <- function(model, path) {
  conditional <- ranef(model, condVar = TRUE)$school
  variances <- attr(conditional, "postVar")
  frame <- data.frame(group = rownames(conditional))
  for (i in seq_along(conditional)) {
    term <- gsub("[()]", "", names(conditional)[i])
    frame[[paste0("eb_", term)]] <- conditional[[i]]
    frame[[paste0("se_", term)]] <- sqrt(variances[i, i, ])
  }
  sizes <- table(model@frame$school)
  frame$n <- as.integer(sizes[frame$group])
  write.csv(frame, path, row.names = FALSE, quote = FALSE)
}

data(Exam, package = "mlmRev")
cases <- list()
for (name in names(formulas)) for (method in c("reml", "ml")) {
  model <- fit(formulas[[name]], method == "reml", Exam)
  cases[[paste(name, method, sep = "_")]] <- describe(model)
  if (method == "reml" && name != "null") write_effects(model, file.path(folder, paste0("exam_", name, "_reml_eb.csv")))
}
write_json(
  list(versions = list(R = paste(R.version$major, R.version$minor, sep = "."), lme4 = as.character(packageVersion("lme4"))),
       note = "schgend mixed (ref), boys, girls; sex F (ref)", cases = cases),
  file.path(folder, "exam_multilevel.json"), digits = 14, auto_unbox = TRUE, pretty = TRUE, na = "null"
)
