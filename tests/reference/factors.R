# Factors of R: Rscript tests/reference/factors.R [directory of the shared data] > tests/reference/factors.json
# Thurstone's nine tests are printed by psych (Thurstone and Thurstone 1941; McDonald 1999); of the other tables only results are kept.
suppressMessages({library(psych); library(GPArotation); library(jsonlite)})
data(Thurstone)
folder <- commandArgs(TRUE)[1]
read <- function(name, items) read.csv(file.path(folder, name))[, items]
tables <- list(thurstone = Thurstone,
               lsat6 = cor(read("lsat6.csv.gz", paste0("item", 1:5))),
               hci = cor(read("hci_scored.csv.gz", paste0("Item", 1:20))))
quiet <- function(call) suppressMessages(suppressWarnings(call))
criterion <- function(r, l, phi) { e <- r - l %*% phi %*% t(l); sum(e[lower.tri(e)]^2) }
extract <- function(r, k, rotation) {
  f <- quiet(fa(r, k, fm = "minres", rotate = rotation))
  l <- unclass(f$loadings); phi <- if (is.null(f$Phi)) diag(k) else f$Phi
  list(loadings = l, phi = phi, uniquenesses = f$uniquenesses, communalities = f$communality, criterion = criterion(r, l, phi), rms = f$rms)
}
plain <- quiet(fa(Thurstone, 3, fm = "minres", rotate = "none"))
start <- unclass(plain$loadings)
tight <- list(oblimin = { o <- oblimin(start, eps = 1e-8, maxit = 20000); list(loadings = unclass(o$loadings), phi = o$Phi) },
              varimax = unclass(varimax(start, eps = 1e-14)$loadings), start = start)
cases <- list(
  thurstone_none = extract(Thurstone, 3, "none"), thurstone_oblimin = extract(Thurstone, 3, "oblimin"),
  thurstone_varimax = extract(Thurstone, 3, "varimax"), thurstone_one = extract(Thurstone, 1, "none"),
  thurstone_heywood = extract(Thurstone, 4, "none"),
  lsat6_one = extract(tables$lsat6, 1, "none"), hci_one = extract(tables$hci, 1, "none"), hci_oblimin = extract(tables$hci, 2, "oblimin"),
  hci_varimax = extract(tables$hci, 2, "varimax"))
eigenvalues <- lapply(tables, function(r) eigen(r)$values)
reduced <- lapply(tables, function(r) { diag(r) <- smc(r); eigen(r)$values })
om <- quiet(omega(Thurstone, 3, plot = FALSE))
omega_of <- list(thurstone = list(total = om$omega.tot, hierarchical = om$omega_h, alpha = om$alpha, ecv = om$ECV, sl = unclass(om$schmid$sl)),
                 lsat6_one = quiet(omega(tables$lsat6, 1, plot = FALSE))$omega.tot,
                 hci_one = quiet(omega(tables$hci, 1, plot = FALSE))$omega.tot)
set.seed(1)
parallel <- lapply(list(lsat6 = read("lsat6.csv.gz", paste0("item", 1:5)), hci = read("hci_scored.csv.gz", paste0("Item", 1:20))), function(d) {
  capture.output(p <- quiet(fa.parallel(d, n.iter = 2000, fa = "both", SMC = TRUE, quant = .95, plot = FALSE, sim = TRUE)))
  v <- p$values; k <- ncol(d)
  pick <- function(name) v[, grep(name, colnames(v))]
  list(n_components = p$ncomp, n_factors = p$nfact, columns = colnames(v),
       simulated_pc_95 = unname(apply(pick("^CSim"), 2, quantile, .95)), simulated_fa_95 = unname(apply(pick("^Fsim|^FSim"), 2, quantile, .95)))
})
result <- list(versions = list(R = R.version.string, psych = as.character(packageVersion("psych")), GPArotation = as.character(packageVersion("GPArotation"))),
  thurstone = list(items = colnames(Thurstone), correlations = unname(Thurstone)), cases = cases, rotations = tight, eigenvalues = eigenvalues, reduced = reduced,
  omega = omega_of, parallel = parallel)
cat(toJSON(result, digits = I(15), auto_unbox = TRUE, matrix = "rowmajor"))
