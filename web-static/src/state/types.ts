// The API's shapes under short names; everything comes from the OpenAPI document by way of the build.
import type { components } from '#openapi';

type Schemas = components['schemas'];
export type Ticket = Schemas['Ticket'];
export type TicketState = Ticket['state'];
export type Delivery = NonNullable<Ticket['delivery']>;
export type Line = Schemas['LineState'];
export type Estimate = Schemas['Estimate'];
export type Booth = Schemas['Booth'];
export type Intake = Schemas['Intake'];
export type Sync = Schemas['Sync'];
export type SyncReason = Schemas['SyncReason'];
export type Snapshot = Schemas['Snapshot'];
export type TicketHistory = Schemas['TicketHistory'];
export type HistoryItem = Schemas['HistoryItem'];
/** What can happen to a ticket. */
export type TicketEvent = Extract<HistoryItem['type'], `ticket.${string}`>;
export type Change = Schemas['Change'];
export type Status = Schemas['Status'];
export type Warning = Schemas['Warnings'][number];
export type Session = Schemas['Session'];
export type Answer = Schemas['CommandAnswer'];
export type Problem = Schemas['Problem'];
export type Board = Schemas['Board'];
export type BoardTicket = Schemas['BoardTicket'];
export type Language = Board['languages'][number];
