# Gaps between groups in R: Rscript tests/reference/gaps.R > tests/reference/gaps.json
suppressMessages({library(clubSandwich); library(jsonlite)})
rows <- do.call(rbind, lapply(1:9, function(s) do.call(rbind, lapply(1:2, function(k) data.frame(school = s, class = k, p = 1:(5 + (3 * s + k) %% 6))))))
rows <- within(rows, {
  girl <- as.numeric((p * school + class) %% 3 > 0)
  advanced <- as.numeric(school <= 4)
  score <- round(8 + 3 * sin(1.7 * p + school) + cos(2.9 * school * class) + 0.6 * girl + 1.5 * advanced) })
rows$scaled <- rows$score / sd(rows$score)
rows$room <- interaction(rows$school, rows$class, drop = TRUE)
gap <- function(fit, cluster, term) {
  v <- vcovCR(fit, cluster = cluster, type = "CR2")
  t <- coef_test(fit, vcov = v, test = "Satterthwaite", coefs = term)
  half <- qt(0.975, t$df_Satt) * t$SE
  list(estimate = t$beta, se = t$SE, df = t$df_Satt, lower = t$beta - half, upper = t$beta + half)
}
counts <- function(flag) list(n_first = sum(flag), n_second = sum(1 - flag),
  schools_first = length(unique(rows$school[flag == 1])), schools_second = length(unique(rows$school[flag == 0])))
cat(toJSON(list(
  versions = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich"))),
  rows = as.list(rows[c("school", "class", "girl", "advanced", "score")]),
  # A dummy for each class, which the function takes out instead
  sex = c(gap(lm(scaled ~ 0 + girl + room, rows), rows$room, "girl"), counts(rows$girl)),
  kind = c(gap(lm(scaled ~ advanced, rows), rows$school, "advanced"), counts(rows$advanced))
), digits = I(15), auto_unbox = TRUE))
