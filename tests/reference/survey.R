# Answers to a questionnaire in R: Rscript tests/reference/survey.R > tests/reference/survey.json
suppressMessages({library(psych); library(jsonlite)})
set.seed(9)
answers <- do.call(rbind, lapply(1:6, function(school) do.call(rbind, lapply(c("2019", "2021"), function(year) {
  n <- 5 + school + 2 * (year == "2021")
  level <- rnorm(1, 3.2 + 0.3 * (year == "2021"), 0.4)
  person <- level + rnorm(n, 0, 0.6)
  data.frame(school = school, year = year, respondent = 1:n, sapply(c(a1 = 0.3, a2 = 0, b1 = -0.2, b2 = 0.1, b3 = -0.4), function(d) pmin(5, pmax(1, round(person + d + rnorm(n, 0, 0.7))))))
}))))
late <- answers[answers$year == "2021", ]
blocks <- lapply(list(a = c("a1", "a2"), b = c("b1", "b2", "b3")), function(names) {
  found <- suppressWarnings(alpha(late[, names], check.keys = FALSE, warnings = FALSE))
  limits <- alpha.ci(found$total$raw_alpha, nrow(late), n.var = length(names))
  list(alpha = found$total$raw_alpha, lower = limits$lower.ci, upper = limits$upper.ci)
})
one <- answers[answers$school == 6, ]
welch <- t.test(one$b1[one$year == "2021"], one$b1[one$year == "2019"])
# Linearised variance with schools as clusters: k / (k - 1) times the sandwich without further corrections.
clustered <- lapply(c(a1 = "a1", b3 = "b3"), function(name) {
  fit <- lm(answers[[name]] ~ I(answers$year == "2021"))
  x <- model.matrix(fit); pull <- rowsum(x * resid(fit), answers$school); bread <- solve(crossprod(x)); k <- nrow(pull)
  list(change = unname(coef(fit)[2]), se = sqrt((k / (k - 1) * bread %*% crossprod(pull) %*% bread)[2, 2]), k = k,
       welch = t.test(answers[[name]][answers$year == "2021"], answers[[name]][answers$year == "2019"])$stderr)
})
cat(toJSON(list(versions = list(R = R.version.string, psych = as.character(packageVersion("psych"))), answers = answers, blocks = blocks, clustered = clustered,
                welch = list(change = unname(welch$estimate[1] - welch$estimate[2]), lower = welch$conf.int[1], upper = welch$conf.int[2], p = welch$p.value)),
           digits = I(15), auto_unbox = TRUE, dataframe = "columns"))
