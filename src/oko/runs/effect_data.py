"""The door of an effect study: the protocol first, then the outcomes."""

from __future__ import annotations

from oko.records.effect_data import BEFORE, EffectData
from oko.records.model_data import ModelData
from oko.records.model_passport import read_model
from oko.records.protocol import read_protocol
from oko.records.protocol_state import ProtocolState
from oko.runs.page import Page
from oko.runs.parameters import DatedParameters
from oko.runs.protocol_state import open_outcomes, protocol_state

SELECTION = "selection"


def model_data(page: Page) -> ModelData:
    """Open the cluster's model and the results up to the page's year, without those of the wave of the outcome."""
    workspace = page.workspace
    model = read_model(workspace.root, workspace.cluster)
    protocol = read_protocol(workspace.root, workspace.cluster)
    return ModelData(workspace, model, protocol, page.parameters.year)


def entry_data(page: Page) -> tuple[ProtocolState, EffectData]:
    """Say where the protocol stands, and read waves before the outcome alone: nothing is noted in the log.

    Parameters
    ----------
    page : Page

    Returns
    -------
    (ProtocolState, EffectData)
        The wave of the choice and the wave before, as far as they lie in the page's year or earlier.
    """
    state, year = protocol_state(page.workspace), page.parameters.year
    held = () if state.protocol is None else (SELECTION, BEFORE)
    waves = tuple(wave for wave in held if getattr(state.protocol.waves, wave).year <= year)  # type: ignore[union-attr]
    return state, EffectData(page.workspace, state.protocol, bool(waves), waves)


def effect_data(page: Page) -> tuple[ProtocolState, EffectData]:
    """Say where the protocol stands, and open the outcomes that it names.

    Parameters
    ----------
    page : Page
        Of a study that the protocol binds.

    Returns
    -------
    (ProtocolState, EffectData)
        Outcomes are opened, and noted in the log, on the page of the year of the wave after only.
    """
    state = protocol_state(page.workspace)
    asked = state.protocol is not None and state.protocol.year == page.parameters.year
    if asked:
        state = open_outcomes(page.workspace, page.name)
    as_of = page.parameters.as_of if isinstance(page.parameters, DatedParameters) else ""
    return state, EffectData(page.workspace, state.protocol, asked, as_of=as_of)
