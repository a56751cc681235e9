"""Agreement of raters: kappas, intraclass correlations, experts' matrices of tasks and skills."""

from oko.measures.raters.cohen import Kappa, kappa, rating_table
from oko.measures.raters.experts import ExpertAgreement, expert_agreement
from oko.measures.raters.fleiss import FleissKappa, fleiss_kappa
from oko.measures.raters.intraclass import icc

__all__ = [
    "ExpertAgreement",
    "FleissKappa",
    "Kappa",
    "expert_agreement",
    "fleiss_kappa",
    "icc",
    "kappa",
    "rating_table",
]
