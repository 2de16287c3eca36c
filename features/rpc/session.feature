@rpc
Feature: Renew and close a session
  RenewSession and CloseSession act on the session whose token they are called
  with. Whether a renewal ends the old token, the server chooses.

  @RPC-07
  Scenario Outline: RenewSession over <transport> answers the login's shape
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When RenewSession is called over <transport> with the token
    Then the call succeeds
    And "token_name" is a non-empty string
    And "token_value" is a non-empty string
    And "expires_at" is a non-empty string
    And "is_unrestricted" is true or false
    And "user_id" is a non-empty string
    And "roles_ids" is a list of strings
    And "error_code" is "AUTHENTICATE_CODE_OK"

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-07
  Scenario Outline: A token renewed over <transport> works and ends no earlier
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When RenewSession is called over <transport> with the token
    Then the renewed token ends no earlier than the token
    When the protected method is called over <transport> with the renewed token
    Then it is accepted

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-07 @clock @needs:clock
  Scenario Outline: Over <transport> a token can be renewed until its end
    Given a token obtained over <transport>
    And it is just before the token's end
    And the protected method is called over <transport> with the token
    And it is accepted
    When RenewSession is called over <transport> with the token
    Then the call succeeds

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-07 @clock @needs:clock
  Scenario Outline: A token renewed over <transport> outlives the one that it was renewed from
    Given a token obtained over <transport>
    And it is just before the token's end
    And the protected method is called over <transport> with the token
    And it is accepted
    When RenewSession is called over <transport> with the token
    Then the renewed token ends later than the token
    When it is just after the token's end
    And the protected method is called over <transport> with the renewed token
    Then it is accepted

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-08 @clock
  Scenario Outline: Over <transport> an expired token cannot be renewed
    Given a token obtained over <transport>
    And another token obtained over <transport>
    And it is just before the token's end
    And RenewSession is called over <transport> with the other token
    And the call succeeds
    When it is just after the token's end
    And RenewSession is called over <transport> with the token
    Then the call is refused

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-09
  Scenario Outline: CloseSession over <transport> answers OK
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When CloseSession is called over <transport> with the token
    Then the call succeeds
    And "error_code" is "OK"

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-10
  Scenario Outline: The token of a session closed over <transport> grants no access
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When CloseSession is called over <transport> with the token
    Then it is accepted
    When the protected method is called over <transport> with the token
    Then it is refused

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-10
  Scenario Outline: A session closed over <transport> cannot be renewed
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When CloseSession is called over <transport> with the token
    Then it is accepted
    When RenewSession is called over <transport> with the token
    Then the call is refused
    But another token obtained over <transport>
    And RenewSession is called over <transport> with the other token
    And the call succeeds

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-10
  Scenario Outline: Closing over <transport> ends the renewed token as well
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    And RenewSession is called over <transport> with the token
    And the call succeeds
    And the protected method is called over <transport> with the renewed token
    And it is accepted
    When CloseSession is called over <transport> with the renewed token
    Then it is accepted
    When the protected method is called over <transport> with the renewed token
    Then it is refused

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-11
  Scenario Outline: Closing one session over <transport> leaves another one working
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    And RenewSession is called over <transport> with the token
    And the call succeeds
    And a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When another token obtained over <transport>
    Given CloseSession is called over <transport> with the token
    And it is accepted
    When the protected method is called over <transport> with the other token
    Then it is accepted
    When RenewSession is called over <transport> with the other token
    Then the call succeeds

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |
